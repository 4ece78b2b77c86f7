"""What is wrong with a file that can be read: each module looks at one side of it."""
