using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Cli.Checking;

/// <summary>Why there is no better answer, in words.</summary>
internal static class ProblemText
{
    internal static string Of(ReadStatus status) =>
        status switch
        {
            ReadStatus.Gone => "there is no such process",
            ReadStatus.Denied =>
                "its mappings may not be read: that takes root or CAP_SYS_PTRACE, and no AppArmor or SELinux rule against it",
            ReadStatus.NoAddressSpace => "a zombie or a kernel thread has no memory to copy",
            ReadStatus.Unsupported =>
                "smaps with VmFlags is missing: the kernel was built without CONFIG_PROC_PAGE_MONITOR, or the captured tree lacks it",
            ReadStatus.Malformed => "its files are cut short, or do not have the form of proc(5)",
            _ => "its files could not be read",
        };
}
