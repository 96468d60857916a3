"""What people do, put on record one after the other; and everything derived again afterwards, beside the readers.

In: an act of a signed-in visitor. Out: the ledger's entry, durable before the answer. Goes through the room ``case``
alone.
"""
