"""Floor 4: executing a plan. `schedule` decides and never awaits, `executor` awaits and never decides."""
