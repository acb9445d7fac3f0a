using System.Text;

namespace ForkGuard.Cli.Commands;

/// <summary>The name by which this program was started (proc_pid_cmdline(5)): the runtime resolves links.</summary>
internal static class ProgramName
{
    /// <summary>Empty if it cannot be read.</summary>
    internal static string Read()
    {
        try
        {
            var line = File.ReadAllBytes("/proc/self/cmdline").AsSpan();
            var end = line.IndexOf((byte)0);
            return Path.GetFileName(Encoding.UTF8.GetString(end < 0 ? line : line[..end]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
