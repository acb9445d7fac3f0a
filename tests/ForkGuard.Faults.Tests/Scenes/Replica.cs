using System.Collections.Concurrent;
using ForkGuard.Controller.Restarts;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Policy.Restarts;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A replica of the controller's Deployment: a controller that is started again whenever it ends.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly ControlPlane _plane;
    private readonly Installation _installation;
    private readonly RestartOptions _restarts;
    private readonly TimeProvider? _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task _running;
    private volatile Instance _instance = new();

    internal Replica(
        ControlPlane plane,
        Installation installation,
        RestartOptions? restarts = null,
        TimeProvider? time = null,
        ICallFault? fault = null
    )
    {
        _plane = plane;
        _installation = installation;
        _restarts = restarts ?? Quick;
        _time = time;
        Fault = fault;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Times that a test can wait for, and budgets that other stories do not use up.</summary>
    internal static RestartOptions Quick { get; } =
        RunningController.Quick with
        {
            Budget = new RestartBudget(10, 10, 10),
            FollowProof = TimeSpan.FromSeconds(1),
        };

    /// <summary>What every request of this replica meets; null for the faults of <see cref="Stories"/>.</summary>
    internal ICallFault? Fault { get; set; }

    internal StoryFaults Stories { get; } = new();

    /// <summary>The running controller.</summary>
    internal Instance Current => _instance;

    /// <summary>Ends of controllers that were neither a lost lease nor a kill.</summary>
    internal IReadOnlyCollection<string> Failures => [.. _failures];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var instance = _instance = new Instance();
            try
            {
                await using var controller = new RunningController(
                    _plane,
                    () => [new CallGate(this, instance)],
                    _installation.Kubeconfig,
                    _restarts,
                    leaseNamespace: _installation.Namespace,
                    time: _time
                );
                await Task.WhenAny(controller.Ended, instance.Killed).WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                // Cancelled by the test.
            }
            catch (Exception failed)
            {
                _failures.Enqueue(failed.GetType().Name + ": " + failed.Message);
            }
        }
    }
}
