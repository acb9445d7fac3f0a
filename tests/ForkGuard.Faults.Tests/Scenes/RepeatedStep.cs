using k8s.Autorest;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>Repeats a step until it is disposed, whatever the API server answers.</summary>
internal sealed class RepeatedStep : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal RepeatedStep(Func<CancellationToken, Task> step, TimeSpan pause) =>
        _running = Task.Run(() => RunAsync(step, pause));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, Task> step, TimeSpan pause)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await step(_stop.Token);
                await Task.Delay(pause, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed)
                when (failed
                        is HttpOperationException
                            or HttpRequestException
                            or IOException
                            or OperationCanceledException
                )
            {
                // The API server is unreachable, or the object is missing or was changed in between.
            }
        }
    }
}
