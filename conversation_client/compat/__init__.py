"""The official SDK's names, for programs that were written for it: change an import, and they run.

```python
import conversation_client.compat as pieces_os_client
from conversation_client.compat.rest import ApiException

configuration = pieces_os_client.Configuration(host="http://localhost:1000")
with pieces_os_client.ApiClient(configuration) as api_client:
    api = pieces_os_client.ConversationApi(api_client)
    conversation = api.conversation_get_specific_conversation("...", transferables=True)
```

There are the classes of operations on conversations and messages, their models, and what is raised.
Calls are those of `ConversationClient`; new programs use that. What differs from the SDK:

- `ApiException` is raised for whatever fails, with a status of 0 where the SDK lets an exception of
  another library out: nobody listens, no reply comes in time, a reply or an argument makes no sense.
- `to_dict` has times as text, so that `to_json` works on all models.
- Arguments of models are models; dictionaries are for `from_dict`, and for the body of a call.
- Two ids without names are in the order of release 5.0.1, which is not that of 2.2.0 in
  `message_associate_annotation` and its twin.
"""

from conversation_client._version import __version__ as __version__
from conversation_client.compat import models as models
from conversation_client.compat.api import *
from conversation_client.compat.api_client import ApiClient as ApiClient
from conversation_client.compat.api_response import ApiResponse as ApiResponse
from conversation_client.compat.configuration import Configuration as Configuration
from conversation_client.compat.exceptions import ApiAttributeError as ApiAttributeError
from conversation_client.compat.exceptions import ApiException as ApiException
from conversation_client.compat.exceptions import ApiKeyError as ApiKeyError
from conversation_client.compat.exceptions import ApiTypeError as ApiTypeError
from conversation_client.compat.exceptions import ApiValueError as ApiValueError
from conversation_client.compat.exceptions import OpenApiException as OpenApiException
from conversation_client.compat.models import *
