using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>The keys and certificates of one control plane, made for its run, as files in PEM.</summary>
internal sealed class ServerKeys
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(1);

    private readonly string _folder;

    public ServerKeys(string folder, DateTimeOffset now)
    {
        _folder = folder;
        DateTimeOffset from = now - Validity;
        using RSA serviceAccounts = RSA.Create(2048);
        Write("service-accounts.key", serviceAccounts.ExportRSAPrivateKeyPem());

        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest root = new("CN=forkguard tests", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        root.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(root.PublicKey, critical: false));
        using X509Certificate2 authority = root.CreateSelfSigned(from, now + Validity);
        Write("ca.crt", authority.ExportCertificatePem());

        using ECDsa servingKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest serving = new("CN=kube-apiserver", servingKey, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        serving.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        using X509Certificate2 certificate = serving.Create(authority, from, now + Validity, serial);
        Write("serving.crt", certificate.ExportCertificatePem());
        Write("serving.key", servingKey.ExportPkcs8PrivateKeyPem());
    }

    public string Authority => In("ca.crt");

    public string ServingCertificate => In("serving.crt");

    public string ServingKey => In("serving.key");

    /// <summary>Signs the tokens of service accounts.</summary>
    public string ServiceAccounts => In("service-accounts.key");

    /// <summary>With its key, for a server in this process.</summary>
    public X509Certificate2 NewServingCertificate() =>
        X509Certificate2.CreateFromPemFile(ServingCertificate, ServingKey);

    private string In(string file) => Path.Combine(_folder, file);

    private void Write(string file, string pem) => File.WriteAllText(In(file), pem + "\n");
}
