namespace ForkGuard.Host.Systemd;

/// <summary>The part of systemd's manager that restarts need.</summary>
internal interface ISystemd : IDisposable
{
    /// <summary>Reads a unit, also one that systemd does not know.</summary>
    /// <exception cref="SystemdException">systemd gave no usable answer.</exception>
    Task<UnitState> ReadAsync(string unit, CancellationToken cancellationToken);

    /// <summary>Reads the name of the unit of the system that a process runs in; null if there is none.</summary>
    /// <exception cref="SystemdException">systemd gave no usable answer.</exception>
    Task<string?> UnitOfProcessAsync(int pid, CancellationToken cancellationToken);

    /// <summary>Requests the restart of a unit that runs. A unit that does not run is not started.</summary>
    /// <exception cref="SystemdException">systemd refused, or gave no usable answer.</exception>
    Task RestartAsync(string unit, CancellationToken cancellationToken);
}
