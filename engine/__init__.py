"""The engine: gives BPMN its meaning and runs it. It knows nothing of care, people or HTTP.

`engine.engine` holds its verbs; `engine.feel` and `engine.decisions` can be used alone.
"""
