using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Cluster;

/// <summary>
/// Emits events beside everything else: an API server that takes no events holds nothing up. Events of one object keep their
/// order; those that fail or find the queue full are dropped.
/// </summary>
internal sealed partial class EventQueue(ILogger<EventQueue> logger)
{
    private const int Lanes = 4;
    private const int Capacity = 1000;

    private readonly Channel<Func<CancellationToken, Task>>[] _lanes =
    [
        .. Enumerable
            .Range(0, Lanes)
            .Select(_ =>
                Channel.CreateBounded<Func<CancellationToken, Task>>(
                    new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite }
                )
            ),
    ];

    /// <summary>Has an event emitted soon.</summary>
    /// <param name="about">The uid of its object.</param>
    /// <param name="emit">Emits it.</param>
    internal void Post(string about, Func<CancellationToken, Task> emit) =>
        _lanes[(uint)StringComparer.Ordinal.GetHashCode(about) % Lanes].Writer.TryWrite(emit);

    /// <summary>Emits until cancelled.</summary>
    internal Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_lanes.Select(lane => RunAsync(lane.Reader, cancellationToken)));

    private async Task RunAsync(ChannelReader<Func<CancellationToken, Task>> lane, CancellationToken cancellationToken)
    {
        await foreach (var emit in lane.ReadAllAsync(cancellationToken))
        {
            try
            {
                await emit(cancellationToken);
            }
#pragma warning disable CA1031 // An event that fails must not end the controller.
            catch (Exception failed) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogDropped(logger, failed.Message);
            }
        }
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "dropped an event: {Answer}")]
    private static partial void LogDropped(ILogger logger, string answer);
}
