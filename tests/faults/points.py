"""The fault points of a change of the model, by what goes on at them."""

AT_BUILD = ("build.written", "build.noted")
AT_SWITCH = ("change.switching", "change.switched")
AT_CHANGE = (*AT_BUILD, *AT_SWITCH, "change.begun", "change.given_up", "change.dropped")
