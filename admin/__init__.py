"""The door of clinical leads and operators: editor, publishing, runs."""
