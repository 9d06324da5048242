using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Kindred.Accounts.People;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Accounts.Pages;

/// <summary>
/// What links in mails lead to: <c>/reset-password</c>, <c>/invitation</c> and <c>/confirmed</c>. Plain forms that post to themselves and answer with a page; they
/// load nothing. The code comes behind the <c>#</c> of the link, which no server sees; the one script, allowed by its hash, puts it into its field. Without
/// scripts it is typed from the mail.
/// </summary>
internal static class AccountPages
{
    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}label{display:block;margin:1rem 0 .25rem}"
        + "input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #6b6b6b;border-radius:.25rem}"
        + "button{font:inherit;margin-top:1.5rem;padding:.5rem 1.25rem;border:0;border-radius:.25rem;background:#1d4ed8;color:#fff}"
        + "[role=alert]{padding:.5rem .75rem;background:#fdecea;color:#8a1c12;border-radius:.25rem}"
        + "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}input{background:#222;color:#eee}button{background:#3b82f6}}";

    // The code leaves the address bar, so that it stays out of histories and bookmarks.
    private const string Script =
        "const m=/^#token=([A-Za-z0-9_-]+)$/.exec(location.hash);if(m){document.getElementById('token').value=m[1];history.replaceState(null,'',location.pathname);document.getElementById('password').focus()}";

    private static readonly string s_policy =
        $"default-src 'none'; style-src 'sha256-{Hash(Style)}'; script-src 'sha256-{Hash(Script)}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static ContentHttpResult Reset(HttpContext context) => Page(context, "Set a new password", Form("/reset-password", "Set the password", code: "", fault: null));

    public static ContentHttpResult Invitation(HttpContext context) => Page(context, "Choose a password", Form("/invitation", "Accept the invitation", code: "", fault: null));

    public static ContentHttpResult Confirmed(HttpContext context) => Page(context, "Thank you", "<p>Your address is confirmed.</p>");

    public static Task<IResult> ResetPassword(Registration registration, HttpContext context, CancellationToken cancellation) => TakeAsync(
        context,
        "Set a new password",
        code => Form("/reset-password", "Set the password", code.Code, code.Fault),
        "Your password is set. You can sign in with it now.",
        (code, password) => registration.ResetAsync(code, password, Visit.Of(context), cancellation),
        cancellation);

    public static Task<IResult> AcceptInvitation(Registration registration, HttpContext context, CancellationToken cancellation) => TakeAsync(
        context,
        "Choose a password",
        code => Form("/invitation", "Accept the invitation", code.Code, code.Fault),
        "Welcome. You can sign in with your address and this password now.",
        (code, password) => registration.AcceptInvitationAsync(code, email: null, new Person(), password, Visit.Of(context), cancellation),
        cancellation);

    private static async Task<IResult> TakeAsync(
        HttpContext context, string title, Func<(string Code, string Fault), string> form, string done, Func<string, string, Task<Change>> change, CancellationToken cancellation)
    {
        if (!context.Request.HasFormContentType)
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "This page sends a form.");
        }

        var sent = await context.Request.ReadFormAsync(cancellation);
        var (code, password) = (sent["token"].ToString().Trim(), sent["password"].ToString());
        if (code.Length == 0 || password.Length == 0)
        {
            return Page(context, title, form((code, "The code of the mail and a password are needed.")), StatusCodes.Status422UnprocessableEntity);
        }

        if (!string.Equals(password, sent["again"].ToString(), StringComparison.Ordinal))
        {
            return Page(context, title, form((code, "The two passwords are not the same.")), StatusCodes.Status422UnprocessableEntity);
        }

        switch (await change(code, password))
        {
            case { Refusal: { } refusal }:
                if (refusal.ProblemDetails.Extensions.TryGetValue("retry_after", out var wait))
                {
                    context.Response.Headers.RetryAfter = wait?.ToString();
                }

                return Page(context, title, form((code, refusal.ProblemDetails.Detail ?? "Please try again in a moment.")), refusal.StatusCode);
            case { Fault: ChangeFault.BadPassword, Reason: var reason }:
                return Page(context, title, form((code, $"This password will not do: {reason}")), StatusCodes.Status422UnprocessableEntity);
            case { Fault: ChangeFault.None }:
                return Page(context, title, $"<p>{done}</p>");
            default:
                return Page(context, title, form(("", "This code is unknown, used or too old. Ask for a new mail.")), StatusCodes.Status400BadRequest);
        }
    }

    private static string Form(string action, string button, string code, string? fault) =>
        $"""
        {(fault is null ? "" : $"<p role=\"alert\">{HtmlEncoder.Default.Encode(fault)}</p>")}
        <form method="post" action="{action}">
        <label for="token">Code of the mail</label>
        <input id="token" name="token" required autocomplete="off" spellcheck="false" value="{HtmlEncoder.Default.Encode(code)}">
        <label for="password">New password</label>
        <input id="password" name="password" type="password" required autocomplete="new-password">
        <label for="again">The same once more</label>
        <input id="again" name="again" type="password" required autocomplete="new-password">
        <button>{button}</button>
        </form>
        <script>{Script}</script>
        """;

    private static ContentHttpResult Page(HttpContext context, string title, string body, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.ContentSecurityPolicy = s_policy;
        return TypedResults.Content(
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} - Kindred</title><style>{Style}</style></head>
            <body><main><h1>{title}</h1>
            {body}
            </main></body></html>
            """,
            "text/html",
            Encoding.UTF8,
            status);
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
