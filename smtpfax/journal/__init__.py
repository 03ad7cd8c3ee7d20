"""The journal: a mail is ours when an entry of it is synced; the database is owed its rows for a moment.

In:    mails as plain values: rows, and a content.
Out:   what became of each, after one sync for all that arrived together; rows in the database, each mail's once.
Fails: Temporary, when the disk or the database takes no more; then nothing of a mail is kept.

Rule: nothing here knows the model's records, nor SQLAlchemy, so that a small process of its own can put in what is
owed: `clerk`. Import the modules, for this one imports none of them.
"""
