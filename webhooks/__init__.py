"""The partners' door: receive, verify, translate, route; deliver what must leave."""
