"""Worker processes that may be killed: bounded memory, CPU, time, no network.

In:    a task ("package.module:function" below smtpfax), a JSON request and blobs.
Out:   Answer: JSON data and blobs.
Fails: Temporary CONVERTER_DIED when a task crashes or runs over a limit; the Fault that the task itself raised;
       ConfigError at start when bubblewrap is demanded and does not work.

Guarantee: a crash or a hang costs that one task; its neighbours go on, and the next worker starts at once.
"""

from .pool import Sandbox
from .values import Answer, SandboxLimits

__all__ = ["Answer", "Sandbox", "SandboxLimits"]
