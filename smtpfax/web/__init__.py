"""The administrator's pages: server-rendered, everything they load served from this package."""
