using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Programs;

namespace ForkGuard.Lab.Tests.Redis;

public sealed class RedisMachine(LabReport report)
    : ProgramMachine(
        report,
        "redis",
        packages: [Package, "redis-tools"],
        paths: ["/usr/bin/redis-server", "/usr/bin/redis-cli"],
        files: ["redis.conf", "redis.yaml"]
    )
{
    internal const string Package = "redis-server";
}
