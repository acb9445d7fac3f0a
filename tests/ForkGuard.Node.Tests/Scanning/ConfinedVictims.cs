using ForkGuard.Testing;

namespace ForkGuard.Node.Tests.Scanning;

/// <summary>Idle processes, each with a name of its own in a cgroup of its own; removes both.</summary>
internal sealed class ConfinedVictims : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _made = [];

    /// <summary>Starts a process in a cgroup with a limit.</summary>
    internal Task<Victim> StartAsync(int max) => StartInAsync(Keep(TestPidsCgroup.Create(max)));

    /// <summary>Starts a process in a new cgroup below another one.</summary>
    internal Task<Victim> StartBelowAsync(TestPidsCgroup outer) => StartInAsync(Keep(outer.CreateChild()));

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _made)
        {
            await made.DisposeAsync();
        }
    }

    private async Task<Victim> StartInAsync(TestPidsCgroup cgroup)
    {
        var victim = Keep(
            await Victim.StartAsync(
                VictimLayout.Idle,
                1,
                Victim.UniqueName(),
                cancellationToken: TestContext.Current.CancellationToken
            )
        );
        cgroup.Add(victim.Pid);
        return victim;
    }

    private T Keep<T>(T made)
        where T : IAsyncDisposable
    {
        _made.Push(made);
        return made;
    }
}
