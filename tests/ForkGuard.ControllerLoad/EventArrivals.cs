using System.Collections.Concurrent;
using System.Diagnostics;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerLoad;

/// <summary>Watches events, and knows when the first one about each object came.</summary>
internal sealed class EventArrivals : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _arrivals = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    internal EventArrivals(IKubernetes client) => _watching = WatchAsync(client);

    /// <summary>The timestamp, of <see cref="Stopwatch"/>, at which the first event about the object came.</summary>
    /// <exception cref="TimeoutException">None came within a minute.</exception>
    internal Task<long> FirstAsync(string uid) => Of(uid).Task.WaitAsync(TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private TaskCompletionSource<long> Of(string uid) =>
        _arrivals.GetOrAdd(uid, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task WatchAsync(IKubernetes client)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await foreach (
                    (WatchEventType _, Eventsv1Event one) in client.EventsV1.WatchListEventForAllNamespacesAsync(
                        cancellationToken: _stop.Token
                    )
                )
                {
                    Of(one.Regarding.Uid ?? "").TrySetResult(Stopwatch.GetTimestamp());
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Cancelled.
        }
    }
}
