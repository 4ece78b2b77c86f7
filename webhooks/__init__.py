"""The door of partners: receive, verify, translate, route, and deliver what must leave."""
