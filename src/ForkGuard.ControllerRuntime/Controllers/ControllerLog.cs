using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

internal static partial class ControllerLog
{
    public static readonly Func<ILogger, string, string, IDisposable?> Scope = LoggerMessage.DefineScope<
        string,
        string
    >("{Controller} {Object}");

    [LoggerMessage(EventId = 201, Level = LogLevel.Information, Message = "{Controller}: waits for its caches")]
    public static partial void Waits(ILogger logger, string controller);

    [LoggerMessage(
        EventId = 202,
        Level = LogLevel.Information,
        Message = "{Controller}: starts with {Workers} workers"
    )]
    public static partial void Starts(ILogger logger, string controller, int workers);

    [LoggerMessage(
        EventId = 203,
        Level = LogLevel.Warning,
        Message = "{Controller}: {Object} failed, and is tried again"
    )]
    public static partial void Failed(ILogger logger, string controller, ResourceKey @object, Exception exception);
}
