using System.Globalization;

namespace ForkGuard.ScanLoop;

/// <summary>Makes a pod of the processes that one parent started, such as a load.</summary>
internal static class ParentPods
{
    /// <summary>The pid of the parent, field 4 of proc_pid_stat(5); 0 if the process has ended.</summary>
    internal static ulong PodOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3);
            return ulong.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
