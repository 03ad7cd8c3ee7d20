"""document -> backend -> outcome: the fax services that smtpfax can hand a document to."""
