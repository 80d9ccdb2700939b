using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Hosting;

/// <summary>What the platform's web server gives to whom. One control process with its dashboard and no worker, for all tests.</summary>
public sealed partial class LoginHostTests(LoginHostTests.Platform platform) : IClassFixture<LoginHostTests.Platform>
{
    private const string Password = "correct horse battery";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/health/live", 200, 200, 200, 200)]
    [InlineData("/health/ready", 200, 200, 200, 200)]
    [InlineData("/api/cluster/id", 200, 200, 200, 200)]
    [InlineData("/login", 200, 200, 200, 200)]
    [InlineData("/_content/MlTr.Dashboard/app.css", 200, 200, 200, 200)]
    [InlineData("/", 401, 200, 200, 200)]
    [InlineData("/no-such-page", 401, 404, 404, 404)]
    [InlineData("/api/cluster", 401, 403, 200, 200)]
    [InlineData("/orleans/", 401, 403, 403, 200)]
    [InlineData("/api/datasets/none/pictures/train/0", 401, 404, 404, 404)]
    [InlineData("/api/models/none/1/package.zip", 401, 404, 404, 404)]
    [InlineData("/_blazor", 401, 400, 400, 400)] // no connection id
    public async Task Get_AnswersByRole(string path, int nobody, int viewer, int editor, int admin)
    {
        using var http = platform.Client();

        int[] answers = [await StatusAsync(http, path, null), await StatusAsync(http, path, platform.Tokens[UserRole.Viewer]), await StatusAsync(http, path, platform.Tokens[UserRole.Editor]), await StatusAsync(http, path, platform.Tokens[UserRole.Admin])];

        Assert.Equal([nobody, viewer, editor, admin], answers);
    }

    [Theory]
    [InlineData("/api/models/..%2f..%2f..%2fetc/1/package.zip")]
    [InlineData("/api/models/%2fetc/1/package.zip")]
    [InlineData("/api/models/..%5c..%5cetc/1/package.zip")]
    [InlineData("/api/models/../../etc/1/package.zip")]
    [InlineData("/api/datasets/..%2f..%2fetc/pictures/train/0")]
    [InlineData("/api/datasets/marks/pictures/..%2f..%2f/0")]
    [InlineData("/api/datasets/%2fetc%2fpasswd/pictures/train/0")]
    [InlineData("/_content/..%2f..%2fappsettings.json")]
    [InlineData("/appsettings.json")]
    [InlineData("/keys/")]
    [InlineData("/mltr.db")]
    public async Task Get_OfAPathThatLeadsElsewhere_GivesNothing(string path)
    {
        using var http = platform.Client();

        Assert.InRange(await StatusAsync(http, path, platform.Tokens[UserRole.Admin]), 400, 404);
    }

    [Fact]
    public async Task Token_ThatIsRevokedOrMadeUp_IsRefused()
    {
        using var http = platform.Client();
        var made = await platform.Accounts.AddTokenAsync("root", "short-lived");
        Assert.Equal(200, await StatusAsync(http, "/", made.Secret));

        await platform.Accounts.RevokeTokenAsync(made.Token.Id);

        Assert.Equal(401, await StatusAsync(http, "/", made.Secret));
        Assert.Equal(401, await StatusAsync(http, "/", "mltr_made_up"));
    }

    [Fact]
    public async Task Page_LeadsToTheLogin_AndBack_UntilTheUserIsRemoved()
    {
        await platform.Accounts.AddUserAsync("eve", UserRole.Viewer, Password);
        using var http = platform.Client();
        var asked = await http.SendAsync(Html("/sweeps?state=running"), Token);
        Assert.Equal("/login?return=%2Fsweeps%3Fstate%3Drunning", new Uri(http.BaseAddress!, asked.Headers.Location!).PathAndQuery);

        var wrong = await LogInAsync(http, "/login", "eve", "a wrong password");
        var unknown = await LogInAsync(http, "/login", "nobody", "a wrong password");
        var right = await LogInAsync(http, "/login?return=%2Fsweeps%3Fstate%3Drunning", "eve", Password);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (wrong.StatusCode, unknown.StatusCode));
        Assert.Equal(Problem().Match(await wrong.Content.ReadAsStringAsync(Token)).Value, Problem().Match(await unknown.Content.ReadAsStringAsync(Token)).Value);
        Assert.Equal((HttpStatusCode.Redirect, "/sweeps?state=running"), (right.StatusCode, right.Headers.Location!.OriginalString));
        var cookie = right.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("mltr-login=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(Html("/sweeps"), Token)).StatusCode);

        await platform.Accounts.RemoveUserAsync("eve");

        Assert.Equal(HttpStatusCode.Redirect, (await http.SendAsync(Html("/sweeps"), Token)).StatusCode);
    }

    [Fact]
    public async Task Post_WithoutTheFormsToken_IsRefused()
    {
        using var http = platform.Client();

        var login = await http.PostAsync("/login", new FormUrlEncodedContent([new("_handler", "login"), new("Name", "root"), new("Password", Password)]), Token);
        var logout = await http.PostAsync("/logout", new FormUrlEncodedContent([]), Token);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (login.StatusCode, logout.StatusCode));
    }

    [Fact]
    public async Task LogIn_ThatShouldLeadToAnotherSite_LeadsHome()
    {
        using var http = platform.Client();

        var answer = await LogInAsync(http, "/login?return=%2F%2Fevil.example", "root", Password);

        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }

    private static HttpRequestMessage Html(string path) => new(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };

    private static async Task<int> StatusAsync(HttpClient http, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var answer = await http.SendAsync(request, Token);
        return (int)answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> LogInAsync(HttpClient http, string path, string name, string password)
    {
        var form = await http.GetStringAsync(path, Token);
        return await http.PostAsync(path, new FormUrlEncodedContent(
            [new("_handler", "login"), new("__RequestVerificationToken", FormToken().Match(form).Groups[1].Value), new("Name", name), new("Password", password)]), Token);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("role=\"alert\".*?</p>")]
    private static partial Regex Problem();

    /// <summary>The process, with a user and a token of each role.</summary>
    public sealed class Platform : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-login-");
        private WebApplication? _app;

        public Dictionary<UserRole, string> Tokens { get; } = [];

        public IMlTrClient Accounts => _app!.Services.GetRequiredService<StoppingClient>();

        public HttpClient Client() => new(new HttpClientHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = new Uri(_app!.Addresses()[0]) };

        public async ValueTask InitializeAsync()
        {
            _app = ControlHost.Build(new Dictionary<string, string?>
            {
                ["Platform:Data"] = _folder.FullName,
                ["Platform:Port"] = "0",
                ["Platform:Roles"] = "control,dashboard",
                ["Logging:LogLevel:Default"] = "Warning",
            });
            await _app.StartAsync();
            using (var http = Client())
            {
                Assert.Equal(200, await StatusAsync(http, "/orleans/", null)); // nobody needs to log in yet
            }

            var login = _app.Services.GetRequiredService<LoginState>();
            var on = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            login.Changed += () =>
            {
                if (login.IsOn)
                {
                    on.TrySetResult(); // the process hears of its first user by a push
                }
            };
            foreach (var (role, name) in new[] { (UserRole.Admin, "root"), (UserRole.Editor, "ed"), (UserRole.Viewer, "vera") })
            {
                await Accounts.AddUserAsync(name, role, Password);
                Tokens[role] = (await Accounts.AddTokenAsync(name, "tests")).Secret;
            }

            await on.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is { } app)
            {
                await app.StopInOrderAsync();
                await app.DisposeAsync();
            }

            _folder.Delete(recursive: true);
        }
    }
}
