using System.Globalization;

namespace ForkGuard.Node.Scanning;

/// <summary>Privileges and confinement of this process.</summary>
/// <param name="Pid">1 in a pid namespace of the pod's own.</param>
/// <param name="IsRoot">The effective uid is 0.</param>
/// <param name="MayTrace">CAP_SYS_PTRACE is effective.</param>
/// <param name="SecurityContext">The profile or the context of the security module; null if there is none.</param>
internal sealed record OwnConfinement(int Pid, bool IsRoot, bool MayTrace, string? SecurityContext)
{
    private const int CapSysPtrace = 19;

    /// <summary>Reads it off /proc/self (proc_pid_status(5), proc_pid_attr(5)); what cannot be read is taken as not granted.</summary>
    internal static OwnConfinement Read()
    {
        var isRoot = false;
        var mayTrace = false;
        foreach (var line in LinesOf("/proc/self/status"))
        {
            var words = line.Split([':', '\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["CapEff", var mask])
            {
                mayTrace =
                    ulong.TryParse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var set)
                    && ((set >> CapSysPtrace) & 1) == 1;
            }
            else if (words is ["Uid", _, var effective, ..])
            {
                isRoot = effective == "0";
            }
        }

        // Where several modules are stacked, AppArmor has a file of its own.
        var context = LinesOf("/proc/self/attr/apparmor/current")
            .Concat(LinesOf("/proc/self/attr/current"))
            .Select(line => line.Trim('\0', ' '))
            .FirstOrDefault(line => line.Length > 0);
        return new OwnConfinement(Environment.ProcessId, isRoot, mayTrace, context);
    }

    private static string[] LinesOf(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
