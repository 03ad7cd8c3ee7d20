"""Parts become pages, and pages become one fax document."""
