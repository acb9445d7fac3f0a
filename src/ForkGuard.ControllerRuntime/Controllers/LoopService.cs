using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Runs a loop for as long as the host runs. A loop that ends with an exception stops the host, and the process ends with
/// <see cref="FailedExitCode"/>: whatever restarts it knows better than a process that is half there.
/// </summary>
public sealed partial class LoopService(
    string name,
    Func<CancellationToken, Task> run,
    IHostApplicationLifetime lifetime,
    ILogger<LoopService> logger
) : BackgroundService
{
    public const int FailedExitCode = 1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await run(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
#pragma warning disable CA1031 // Every unexpected exception ends the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(logger, name, exception);
            Environment.ExitCode = FailedExitCode;
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Critical, Message = "{Loop} failed; the process ends")]
    private static partial void LogFailed(ILogger logger, string loop, Exception exception);
}
