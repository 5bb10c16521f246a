"""What production needs beside the application; docs/deploy.md says how to use it."""
