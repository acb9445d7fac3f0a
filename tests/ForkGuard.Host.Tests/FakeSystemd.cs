using System.Globalization;
using ForkGuard.Host.Systemd;

namespace ForkGuard.Host.Tests;

/// <summary>The end of the process by kill -9.</summary>
internal sealed class KilledException : Exception
{
    public KilledException() { }

    public KilledException(string message)
        : base(message) { }

    public KilledException(string message, Exception cause)
        : base(message, cause) { }
}

/// <summary>A manager with one unit, which can kill its caller before or after a call.</summary>
internal sealed class FakeSystemd : ISystemd
{
    internal const string Unit = "redis.service";
    internal const string Alias = "redis-server.service";
    internal const int Pid = 4711;

    private int _invocation = 1;
    private int _calls;

    internal UnitState State { get; set; } =
        new()
        {
            Id = Unit,
            Names = [Unit],
            LoadState = "loaded",
            ActiveState = "active",
            InvocationId = "1",
            CanStart = true,
            Type = "simple",
        };

    internal int Restarts { get; private set; }

    /// <summary>Restarts that were requested, with whatever answer.</summary>
    internal int Requests { get; private set; }

    /// <summary>The unit that process 4711 is in.</summary>
    internal string? ActualUnit { get; set; } = Unit;

    /// <summary>The number of the call that does not come back; 0 for none.</summary>
    internal int KillAtCall { get; set; }

    /// <summary>The restart itself does not come back, though it is carried out.</summary>
    internal bool KillAfterRestart { get; set; }

    /// <summary>What a restart answers; null if it is carried out.</summary>
    internal SystemdException? Refusal { get; set; }

    /// <summary>The error of each read; null for none.</summary>
    internal SystemdException? ReadFailure { get; set; }

    /// <summary>The unit does not start again.</summary>
    internal bool FailsToStart { get; set; }

    /// <summary>Happens while the unit is read.</summary>
    internal Action OnRead { get; set; } = static () => { };

    internal void RestartByHand() =>
        State = State with { InvocationId = (++_invocation).ToString(CultureInfo.InvariantCulture) };

    public Task<UnitState> ReadAsync(string unit, CancellationToken cancellationToken)
    {
        Count();
        if (ReadFailure is not null)
        {
            throw ReadFailure;
        }

        if (unit.Contains("@.", StringComparison.Ordinal))
        {
            throw new SystemdException($"Unit name {unit} is missing the instance name.") { IsRefusal = true };
        }

        OnRead();
        return Task.FromResult(
            unit is Unit or Alias
                ? State
                : State with
                {
                    Id = unit,
                    Names = [unit],
                    LoadState = "not-found",
                    ActiveState = "inactive",
                }
        );
    }

    public Task<string?> UnitOfProcessAsync(int pid, CancellationToken cancellationToken)
    {
        Count();
        return Task.FromResult(ActualUnit);
    }

    public Task RestartAsync(string unit, CancellationToken cancellationToken)
    {
        Count();
        Requests++;
        if (Refusal is not null)
        {
            throw Refusal;
        }

        Restarts++;
        RestartByHand();
        if (FailsToStart)
        {
            State = State with { ActiveState = "failed", Result = "exit-code" };
        }

        return KillAfterRestart ? throw new KilledException() : Task.CompletedTask;
    }

    public void Dispose() { }

    private void Count()
    {
        if (++_calls == KillAtCall)
        {
            throw new KilledException();
        }
    }
}
