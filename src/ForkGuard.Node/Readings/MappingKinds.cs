using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Node.Readings;

/// <summary>
/// Distinguishes mappings of thread stacks from other anonymous ones, once for each process and mapping. Not for several threads at once.
/// </summary>
internal sealed class MappingKinds(ProcRoot proc)
{
    private const int MaxRemembered = 256;

    private readonly Dictionary<(ProcessIdentity Process, string Start), bool> _areStacks = [];

    /// <summary>The constraint with the kind of its mapping; a mapping that nothing is known of stays anonymous.</summary>
    internal ConstraintReport Complete(ProcessIdentity process, ConstraintReport constraint)
    {
        if (constraint.Mapping is not { } mapping || mapping.Kind != MappingKind.Anonymous)
        {
            return constraint;
        }

        var key = (process, mapping.Start);
        if (!_areStacks.TryGetValue(key, out var areStacks))
        {
            if (_areStacks.Count >= MaxRemembered)
            {
                _areStacks.Clear();
            }

            areStacks = ThreadStacks.Fill(proc, process.Pid, Address(mapping.Start), Address(mapping.End));
            _areStacks.Add(key, areStacks);
        }

        return areStacks ? constraint with { Mapping = mapping with { Kind = MappingKind.ThreadStacks } } : constraint;
    }

    private static ulong Address(string hexadecimal) =>
        ulong.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
