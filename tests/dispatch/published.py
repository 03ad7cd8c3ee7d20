"""What the documents of the three APIs print: requests and answers, word for word.

In:    RingCentral's developer guide (Faxes; its Ruby SDK's fax page), the Send Fax Web API's page, Kazoo's Faxes API.
Out:   texts. Of a request the boundary and the document are the test's own; `…` in a list was left out as printed.
Fails: never.
"""

from __future__ import annotations

# ruff: noqa: E501 - as printed

FORM = b"""\
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="coverPageText"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain


--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="coverIndex"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain

2
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="faxResolution"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain

High
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="sendTime"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain

2030-03-19T08:00:00.000Z
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="isoCode"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain

UK
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="to"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain

18001234567
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="to"; filename=""
Content-Transfer-Encoding: 8bit
Content-Type: text/plain

18001234568
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="attachment"; filename=""
Content-Transfer-Encoding: binary
Content-Type: text/plain

attachment0
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="attachment"; filename=""
Content-Transfer-Encoding: binary
Content-Type: text/plain

attachment1
--Boundary_14_2952358_1361963763144
Content-Disposition: form-data; name="attachment"; filename=""
Content-Transfer-Encoding: binary
Content-Type: text/plain

attachment2
--Boundary_14_2952358_1361963763144--
"""

MIXED = b"""\
--Boundary_9fzzogow8pxxub43x02zvcc5yg
Content-Type: application/json

{"to":[{"phoneNumber":"+16505551212"}],"faxResolution":"High",\
"coverPageText":"RingCentral fax PDF example using Ruby SDK!"}
--Boundary_9fzzogow8pxxub43x02zvcc5yg
Content-Type: application/pdf
Content-Disposition: attachment; filename="test_file.pdf"

DOCUMENT
--Boundary_9fzzogow8pxxub43x02zvcc5yg--
"""

MIXED_BASE64 = b"""\
--Boundary_9j36hcowhyoi7683x02z56wq64
Content-Type: application/json

{"to":[{"phoneNumber":"+16505551212"}],"faxResolution":"High",\
"coverPageText":"RingCentral fax PDF example using Ruby SDK!"}
--Boundary_9j36hcowhyoi7683x02z56wq64
Content-Type: application/pdf
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="test_file.pdf"

DOCUMENT
--Boundary_9j36hcowhyoi7683x02z56wq64--
"""

RESEND = b"""\
{
  "originalMessageId": "12345678",
  "to": [ { "phoneNumber": "+15551234567" } ],
  "sendTime": "2016-12-01T00:00:00Z"
}
"""

SUBSCRIPTION = b"""\
{
  "eventFilters": [
    "/restapi/v1.0/account/~/extension/~/message-store"
  ],
  "deliveryMode": {
    "transportType": "WebHook",
    "address": "https://myapp.io/newmessage"
  }
}
"""

FAX_RESPONSE = b"""\
{
  "uri" : "https://platform.devtest.ringcentral.com/restapi/v1.0/account/111111111/extension/222222222/message-store/333333333",
  "id" : 4444444444,
  "to" : [ {
    "phoneNumber" : "+16505551212",
    "location" : "Redwood City, CA"
  } ],
  "type" : "Fax",
  "creationTime" : "2015-05-09T16:11:58.000Z",
  "readStatus" : "Unread",
  "priority" : "Normal",
  "attachments" : [ {
    "id" : 4444444444,
    "uri" : "https://platform.devtest.ringcentral.com/restapi/v1.0/account/111111111/extension/222222222/message-store/333333333/content/4444444444",
    "type" : "RenderedDocument",
    "contentType" : "image/tiff"
  } ],
  "direction" : "Outbound",
  "availability" : "Alive",
  "messageStatus" : "Queued",
  "faxResolution" : "High",
  "faxPageCount" : 0,
  "lastModifiedTime" : "2015-05-09T16:11:58.519Z"
}
"""

MESSAGE_STORE = b"""\
{
"uri" : "https://platform.ringcentral.com/restapi/v1.0/account/230919004/extension/230919004/message-store?messageType=Fax&availability=Alive&dateFrom=2018-10-07T09:19:00.000Z&page=1&perPage=100",
"records" : [
{
"uri": "https://platform.ringcentral.com/restapi/v1.0/account/230919004/extension/230919004/message-store/5209304004",
"id": 5209304004,
"from": {
"phoneNumber": "+12138887464"
},
"type": "Fax",
"creationTime": "2018-10-08T09:17:27.000Z",
"readStatus": "Unread",
"priority": "Normal",
"attachments": [
{
"id": 5209304004,
"uri": "https://media.ringcentral.com/restapi/v1.0/account/230919004/extension/230919004/message-store/5209304004/content/5209304004",
"type": "RenderedDocument",
"contentType": "application/pdf"
}
],
"direction": "Inbound",
"availability": "Alive",
"subject": "+12135559976",
"messageStatus": "Received",
"faxResolution": "High",
"faxPageCount": 1,
"lastModifiedTime": "2018-10-08T09:17:27.227Z"
}
],
"paging" : {
"page" : 1,
"totalPages" : 3,
"perPage" : 100,
"totalElements" : 274,
"pageStart" : 0,
"pageEnd" : 99
},
"navigation" : {
"nextPage" : { "uri" : "https://platform.ringcentral.com/restapi/v1.0/account/230919004/extension/230919004/message-store?messageType=Fax&availability=Alive&dateFrom=2018-10-07T08:56:00.000Z&page=2&perPage=100" },
"firstPage" : { "uri" : "https://platform.ringcentral.com/restapi/v1.0/account/230919004/extension/230919004/message-store?messageType=Fax&availability=Alive&dateFrom=2018-10-07T08:56:00.000Z&page=1&perPage=100" },
"lastPage" : { "uri" : "https://platform.ringcentral.com/restapi/v1.0/account/230919004/extension/230919004/message-store?messageType=Fax&availability=Alive&dateFrom=2018-10-07T08:56:00.000Z&page=3&perPage=100" }
}
}
"""

EVENTS = (
    b"""\
{
"timestamp": "2018-10-07T12:05:00.408+0000",
"uuid": "b11c9430-9687-4498-b12b-3fcb470bfe04",
"event": "/restapi/v1.0/account/230919004/extension/230919004/message-store",
"subscriptionId": "9d38419f-645f-4ee3-a053-8cf1368c21c4",
"body": {
"extensionId": 230919004,
"lastUpdated": "2018-10-07T12:05:00.531+0000",
"changes": [
{
"type": "Fax",
"updatedCount": 0,
"newCount": 1
}
]
}
}
""",
    b"""\
{
  "uuid": "11112222-3333-4444-5555-666677778888",
  "event": "/restapi/v1.0/account/~/extension/11112222/message-store",
  "timestamp": "2016-01-01T12:20:12.030Z",
  "body": {
    "extensionId": 11112222,
    "lastUpdated": "2016-01-01T12:20:05.471+0000",
    "changes": [
      {
        "type": "Fax",
        "newCount": 1,
        "updatedCount": 0
      }
    ]
  }
}
""",
)

# Printed without its delimiter lines; the fields and their order are as printed.
FAXOUT = (
    'Content-Disposition: form-data; name="Username"',
    'Content-Disposition: form-data; name="Password"',
    'Content-Disposition: form-data; name="Attachment"; filename="C:\\example.doc"',
    'Content-Disposition: form-data; name="Recipient"',
    'Content-Disposition: form-data; name="Recipient"',
    'Content-Disposition: form-data; name="Coverpagetext"',
)
FAXOUT_RECIPIENTS = ("5556465589|John Doe", "5555568552|John Smith")

KAZOO_BY_URL = (
    b'{"data":{"document":{"url":"http://myserver.com/fax.pdf","method":"get"},"retries":3,"from_name":"Test Fax",'
    b'"from_number":"18884732963","to_name":"To Name","to_number":"18884732963"}}'
)
# curl -X PUT -H "Content-Type: multipart/mixed" -F "content=@fax.json; type=application/json" -F "content=@fax.pdf; …":
# the curl of that page's time wrote so; today's says "attachment" in the place of "form-data".
KAZOO_PARTS = (
    ('Content-Disposition: form-data; name="content"; filename="fax.json"', "Content-Type: application/json"),
    ('Content-Disposition: form-data; name="content"; filename="fax.pdf"', "Content-Type: application/pdf"),
)

KAZOO_CREATED = b"""\
{
    "data":{
        "document":{
            "url":"http://myserver.com/fax.pdf",
            "method":"get"
        },
        "retries":3,
        "from_name":"Test Fax",
        "from_number":"18884732963",
        "to_name":"To Name",
        "to_number":"18884732963",
        "attempts":0,
        "tx_result":{
            "error_message":"",
            "fax_bad_rows":0,
            "fax_error_correction":false,
            "fax_receiver_id":""
            ,"fax_speed":0,
            "pages_sent":0,
            "success":false,
            "time_elapsed":0
        },
        "fax_timezone":"undefined",
        "id":"FAX_JOB_ID"
    },
    "revision":"{REVISION}",
    "request_id":"{REQUEST_ID}",
    "status":"success",
    "auth_token":"{AUTH_TOKEN}"
}
"""

KAZOO_LIST = b"""\
{
    "auth_token": "{AUTH_TOKEN}",
    "data": [
        {
            "created": 63626410973,
            "from": "18884732963",
            "id": "FAX_JOB_ID",
            "status": "pending",
            "to": "18884732963"
        }
    ],
    "page_size": 1,
    "request_id": "{REQUEST_ID}",
    "revision": "{REVISION}",
    "start_key": [
        "{START_KEY}"
    ],
    "status": "success"
}
"""

KAZOO_JOB = b"""\
{
    "auth_token": "{AUTH_TOKEN}",
    "data": {
        "attempts": 0,
        "created": 63626410973,
        "delivered": "undefined",
        "document": {
            "method": "get",
            "url": "http://myserver.com/fax.pdf"
        },
        "fax_timezone": "undefined",
        "from_name": "Test Fax",
        "from_number": "18884732963",
        "id": "FAX_JOB_ID",
        "retries": 3,
        "status": "pending",
        "to_name": "To Name",
        "to_number": "18884732963",
        "tx_result": {
            "error_message": "",
            "fax_bad_rows": 0,
            "fax_error_correction": false,
            "fax_receiver_id": "",
            "fax_speed": 0,
            "pages_sent": 0,
            "success": false,
            "time_elapsed": 0
        }
    },
    "request_id": "{REQUEST_ID}",
    "revision": "{REVISION}",
    "status": "success"
}
"""
