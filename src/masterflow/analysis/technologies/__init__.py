"""Which technology a text of an inventory names: "MS SQL 2016 Ent." is MS SQL Server, a database.

`listed` holds the technologies and the spellings people use for them, `spelling` what is compared of a text, and
`recognition` finds the technology that a text is nearest to.
"""
