using System.Globalization;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>What the agent may cost: 48 MiB resident, 24 MiB of it anonymous, and 48 MiB that a fork of it would charge.</summary>
internal static class AgentFootprint
{
    private const long MostResident = 48 * 1024;
    private const long MostAnonymous = 24 * 1024;
    private const long MostCharged = 48 * 1024;

    public static void MustBeSmall(int pid)
    {
        var resident = Kibibytes(pid, "VmHWM");
        var anonymous = Kibibytes(pid, "RssAnon");
        var charged = ChargedKibibytes(pid);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"resident {resident} KiB, anonymous {anonymous} KiB, charged {charged} KiB"
        );
        Assert.InRange(resident, 1, MostResident);
        Assert.InRange(anonymous, 1, MostAnonymous);
        Assert.InRange(charged, 1, MostCharged);
    }

    private static long Kibibytes(int pid, string name) =>
        NumberOf(File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith($"{name}:", StringComparison.Ordinal)));

    /// <summary>All mappings that the kernel has charged: <c>ac</c> and not <c>dc</c> in VmFlags.</summary>
    private static long ChargedKibibytes(int pid)
    {
        var charged = 0L;
        var size = 0L;
        foreach (var line in File.ReadLines($"/proc/{pid}/smaps"))
        {
            if (line.StartsWith("Size:", StringComparison.Ordinal))
            {
                size = NumberOf(line);
            }
            else if (line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                var flags = line.Split(' ');
                charged += flags.Contains("ac") && !flags.Contains("dc") ? size : 0;
            }
        }

        return charged;
    }

    private static long NumberOf(string line) =>
        long.Parse(line.Split(' ', '\t').Skip(1).First(word => word.Length > 0), CultureInfo.InvariantCulture);
}
