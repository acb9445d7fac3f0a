namespace ForkGuard.Kernel.Accounting;

/// <summary>
/// The part of a process that counts at its fork, in bytes. <c>IsBound</c>: the flags were not read, and the two sizes are upper
/// bounds from maps or statm.
/// </summary>
public readonly record struct ProcessCharge
{
    /// <summary>The largest accountable mapping that fork copies.</summary>
    public ulong Largest { get; init; }

    /// <summary>All accountable mappings that fork copies.</summary>
    public ulong Sum { get; init; }

    public bool IsBound { get; init; }

    /// <summary>Bytes of <see cref="Sum"/> whose flags were not read.</summary>
    public ulong Uncertainty { get; init; }

    /// <summary>total_vm, the first field of statm.</summary>
    public ulong TotalVm { get; init; }

    /// <summary>CAP_SYS_ADMIN in the initial user namespace; false where it could not be read.</summary>
    public bool HasSysAdmin { get; init; }
}
