using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Programs;

namespace ForkGuard.Lab.Tests.Runtimes;

/// <summary>Both runtimes with their own libraries, and a shell for their children.</summary>
public sealed class RuntimeMachine(LabReport report)
    : ProgramMachine(
        report,
        "runtimes",
        packages: [Runtime.NodeJs.Package, Runtime.Python.Package, "dash"],
        paths: [Runtime.NodeJs.Program, "/usr/share/nodejs", Runtime.Python.Program, "/usr/lib/python3.*", "/bin/sh"],
        files: [Runtime.NodeJs.Script, Runtime.Python.Script]
    );
