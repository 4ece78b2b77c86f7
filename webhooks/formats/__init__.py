"""What partners may send: one module per format turns bytes into a Fact."""
