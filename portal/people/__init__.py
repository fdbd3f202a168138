"""Who uses the portal, as what, and for whom: what operators look after."""
