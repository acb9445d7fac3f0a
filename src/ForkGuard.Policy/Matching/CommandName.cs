using System.Text;

namespace ForkGuard.Policy.Matching;

/// <summary>Compares process names as the kernel keeps them.</summary>
public static class CommandName
{
    // TASK_COMM_LEN (include/linux/sched.h) less the NUL.
    private const int MaxBytes = 15;

    /// <summary>The wanted name is the kernel's, or begins with its 15 bytes.</summary>
    /// <param name="wanted">As a watch has it, of any length.</param>
    /// <param name="command">The kernel's, at most 15 bytes.</param>
    public static bool IsSame(string wanted, string command)
    {
        var bytes = Encoding.UTF8.GetBytes(wanted).AsSpan();
        return bytes[..Math.Min(bytes.Length, MaxBytes)].SequenceEqual(Encoding.UTF8.GetBytes(command));
    }

    /// <summary>One of the wanted names, or none was asked for.</summary>
    public static bool IsOneOf(IReadOnlyList<string>? wanted, string command) =>
        wanted is not { Count: > 0 } || wanted.Any(name => IsSame(name, command));
}
