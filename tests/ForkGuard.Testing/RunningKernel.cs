using System.Globalization;

namespace ForkGuard.Testing;

/// <summary>The kernel the tests run on, read independently of the code under test.</summary>
public static class RunningKernel
{
    /// <summary>vm.overcommit_memory.</summary>
    public static int OvercommitMode { get; } =
        int.Parse(File.ReadAllText("/proc/sys/vm/overcommit_memory"), CultureInfo.InvariantCulture);

    public static Version Version { get; } = Environment.OSVersion.Version;
}
