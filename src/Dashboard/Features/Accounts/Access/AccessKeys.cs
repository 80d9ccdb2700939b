namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Names by which the parts of the login know each other.</summary>
public static class AccessKeys
{
    /// <summary>The service key of the client that asks nobody for a role; for the host's own use.</summary>
    public const string Unguarded = "unguarded";

    /// <summary>The authorisation policy of endpoints for editors and admins.</summary>
    public const string Editors = "editors";

    /// <summary>The authorisation policy of endpoints for admins.</summary>
    public const string Admins = "admins";

    /// <summary>The name of the login's cookie.</summary>
    internal const string Cookie = "mltr-login";

    /// <summary>The claim with the security stamp that somebody was let in under; tokens have none.</summary>
    internal const string Stamp = "mltr.stamp";

    /// <summary>The claim with the id of one login, which its cookie and all connections of that browser share.</summary>
    internal const string Login = "mltr.login";

    /// <summary>The scheme of API tokens.</summary>
    internal const string Tokens = "ApiToken";
}
