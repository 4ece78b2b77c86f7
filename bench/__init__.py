"""What Jalon costs: measured over HTTP and beneath, beside plain SpiffWorkflow in the same run."""
