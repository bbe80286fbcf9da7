"""Prints what Python's own parser makes of a message on standard input's file: from, to, subject, body, as JSON."""
import email
import email.policy
import json
import sys

message = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
assert not message.defects, message.defects
print(json.dumps({
    "from": str(message["From"]), "to": str(message["To"]), "subject": str(message["Subject"]), "date": message["Date"].datetime.isoformat(),
    "id": str(message["Message-ID"]), "body": message.get_content()}))
