using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

internal static partial class CacheLog
{
    [LoggerMessage(
        EventId = 101,
        Level = LogLevel.Information,
        Message = "{Kind}: {Count} objects listed as of {Version}"
    )]
    public static partial void Listed(ILogger logger, string kind, int count, string version);

    [LoggerMessage(EventId = 102, Level = LogLevel.Debug, Message = "{Kind}: watch ended ({Reason}): {Detail}")]
    public static partial void Ended(ILogger logger, string kind, string reason, string detail);

    [LoggerMessage(
        EventId = 103,
        Level = LogLevel.Warning,
        Message = "{Kind}: watch ended ({Reason}), trying again in {DelayMs} ms: {Detail}"
    )]
    public static partial void Failed(ILogger logger, string kind, string reason, double delayMs, string detail);

    [LoggerMessage(EventId = 104, Level = LogLevel.Error, Message = "{Kind}: {Key} cannot be read and is left out")]
    public static partial void Unreadable(ILogger logger, string kind, string? key, Exception exception);
}
