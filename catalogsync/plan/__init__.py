"""Floor 3: what decides. Catalog, snapshot and state go in, a plan comes out; nothing here touches an edge."""
