namespace ForkGuard.Host.Systemd;

/// <summary>A call of systemd that failed; the message has the cause and the cure.</summary>
internal sealed class SystemdException : Exception
{
    public SystemdException() { }

    public SystemdException(string message)
        : base(message) { }

    public SystemdException(string message, Exception cause)
        : base(message, cause) { }

    /// <summary>systemd or the bus refused: nothing was done, and most causes do not go away by themselves.</summary>
    internal bool IsRefusal { get; init; }
}
