"""What the client tests are built from: processes, a recording relay, vendors, workspaces, canaries."""
