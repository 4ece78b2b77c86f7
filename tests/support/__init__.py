"""What tests of several floors share: databases, a browser, a real server, a partner hospital."""
