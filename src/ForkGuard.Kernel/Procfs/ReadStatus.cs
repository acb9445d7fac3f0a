namespace ForkGuard.Kernel.Procfs;

/// <summary>Outcome of a read of a file of /proc: a process that vanishes is a value, not an exception.</summary>
public enum ReadStatus
{
    Ok,

    /// <summary>The process ended (ENOENT, ESRCH), or the file does not exist.</summary>
    Gone,

    /// <summary>The kernel refused (EACCES, EPERM).</summary>
    Denied,

    /// <summary>A zombie or a kernel thread: there is no address space to copy.</summary>
    NoAddressSpace,

    /// <summary>The bytes do not have the format of proc(5): cut short, a number that overflows, garbage.</summary>
    Malformed,

    /// <summary>This /proc has no such file or no VmFlags in it: the kernel was built without it, or a capture left it out.</summary>
    Unsupported,

    /// <summary>Any other error of the system call.</summary>
    Failed,
}
