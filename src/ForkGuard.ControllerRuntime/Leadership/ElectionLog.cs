using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

internal static partial class ElectionLog
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "{Lease}: {Holder} leads, {Identity} waits")]
    public static partial void Waits(ILogger logger, string lease, string holder, string identity);

    [LoggerMessage(
        EventId = 302,
        Level = LogLevel.Information,
        Message = "{Lease}: {Identity} leads, term {Transitions}"
    )]
    public static partial void Leads(ILogger logger, string lease, string identity, int transitions);

    [LoggerMessage(EventId = 303, Level = LogLevel.Warning, Message = "{Lease}: cannot acquire it now: {Reason}")]
    public static partial void CannotAcquire(ILogger logger, string lease, string reason);

    [LoggerMessage(
        EventId = 304,
        Level = LogLevel.Warning,
        Message = "{Lease}: cannot renew it, {Remaining} s left: {Reason}"
    )]
    public static partial void CannotRenew(ILogger logger, string lease, double remaining, string reason);

    [LoggerMessage(EventId = 305, Level = LogLevel.Error, Message = "{Lease}: lost by {Identity}: {Reason}")]
    public static partial void Lost(ILogger logger, string lease, string identity, string reason);

    [LoggerMessage(EventId = 306, Level = LogLevel.Information, Message = "{Lease}: released by {Identity}")]
    public static partial void Released(ILogger logger, string lease, string identity);

    [LoggerMessage(
        EventId = 307,
        Level = LogLevel.Warning,
        Message = "{Lease}: not released, it has to run out: {Reason}"
    )]
    public static partial void NotReleased(ILogger logger, string lease, string reason);

    [LoggerMessage(
        EventId = 308,
        Level = LogLevel.Information,
        Message = "{Lease}: the next term comes after term {Transitions}, in which an object was written"
    )]
    public static partial void Counted(ILogger logger, string lease, int transitions);

    [LoggerMessage(
        EventId = 309,
        Level = LogLevel.Warning,
        Message = "{Lease}: cannot be given the count {Transitions} of a later term: {Reason}"
    )]
    public static partial void NotCounted(ILogger logger, string lease, int transitions, string reason);
}
