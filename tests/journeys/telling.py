"""What programs are told, and what the trail holds of the same, in one form to be compared."""


def feed(person, after=0):
    """Everything that the feed tells, page by page."""
    told, more = [], True
    while more:
        address = f"{person.portal.url}/api/v1/events/?after={after}&limit=70"
        page = person.session.get(address, timeout=30).json()
        told += page["items"]
        after, more = page["next_after"], page["more"]
    return told


def trails(portal, organization):
    """What the trails of one organization tell that programs are told, by registration."""
    state = portal.state()
    mine = {
        row["reference"] for row in state["registrations"] if row["organization"] == organization
    }
    told = {}
    for entry in sorted(state["audit_entries"], key=lambda entry: entry["sequence"]):
        moved = entry["from"] != entry["to"]
        confirmed = entry["actor"] == "lookup" and entry["note"].startswith("Confirmed: ")
        if entry["registration"] in mine and (moved or confirmed):
            line = (entry["from"] or None, entry["to"], entry["actor"], entry["cause"])
            told.setdefault(entry["registration"], []).append((*line, entry["note"]))
    return told


def by_registration(items):
    told = {}
    for item in items:
        line = tuple(item[name] for name in ("from", "to", "actor", "cause", "note"))
        told.setdefault(item["registration"]["reference"], []).append(line)
    return told
