namespace ForkGuard.Lab.Tests.Runtimes;

/// <summary>A language's own way to start children, by a script of tests/lab that grows and starts them as it is told.</summary>
/// <param name="Package">Debian's.</param>
/// <param name="Program">Its path in the guest.</param>
/// <param name="Script">In the root of the guest.</param>
/// <param name="Call">What its users start children with.</param>
/// <param name="Refusals">What each call that forks says when that is refused, the call above among them.</param>
/// <param name="Immune">Calls that start a child without a fork, and so still do when forks are refused.</param>
internal sealed record Runtime(
    string Package,
    string Program,
    string Script,
    string Call,
    IReadOnlyDictionary<string, string> Refusals,
    IReadOnlyList<string> Immune
)
{
    private const string PythonRefusal = "OSError: [Errno 12] Cannot allocate memory";

    internal static readonly Runtime NodeJs = new(
        "nodejs",
        "/usr/bin/node",
        "grow.js",
        "spawnSync",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["spawnSync"] = "Error: spawnSync /bin/sh ENOMEM",
            ["execSync"] = "Error: spawnSync /bin/sh ENOMEM",
            ["spawn"] = "Error: spawn ENOMEM",
            ["exec"] = "Error: spawn ENOMEM",
        },
        Immune: []
    );

    internal static readonly Runtime Python = new(
        "python3",
        "/usr/bin/python3",
        "grow.py",
        "Process",
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Process"] = PythonRefusal,
            ["Pool"] = PythonRefusal,
            ["os.fork"] = PythonRefusal,
        },
        Immune: ["subprocess", "Process-spawn"]
    );
}
