<#
Intune remediation, remediation script: pairs this workstation for the user who is logged on and has to approve it there.
One that is paired already stays as it is. Script package: as for Detect-DeskPair.ps1.
Exit 0 paired, 75 try again later, 2 a person has to look at it.
#>

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# ---- Edit here. ----
$DeskPair = Join-Path $env:ProgramFiles 'DeskPair\resources\bin\deskpair.exe'
# Who it is in PingOne: 'upn' takes the user principal name of the session. On a computer with one user, the username or
# e-mail address itself. See docs/fleet/README.md.
$UserFrom = 'upn'
$Seconds = 300

# ---- From here to the next line of this kind: the same in all four scripts. ----
# The table in docs/fleet/README.md. Every other number needs a person.
$Compliant = 0
$RetryLater = 30, 32, 41, 42, 50, 75, 124, 130

# Runs a program without a window for at most so many seconds. Number 124: it took longer.
function Invoke-Program([string] $Path, [string] $Arguments) {
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo -ArgumentList $Path, $Arguments
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    # Both are read while it runs: a full pipe would stop it.
    $output = $process.StandardOutput.ReadToEndAsync()
    $null = $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit($Seconds * 1000)) {
        # A pairing that is cut off here is undone or finished by the next run.
        $process.Kill()
        return @{ Number = 124; Output = '' }
    }
    return @{ Number = $process.ExitCode; Output = $output.Result }
}

function Get-PingOneUser {
    if ($UserFrom -ne 'upn') { return $UserFrom }
    $answer = Invoke-Program (Join-Path $env:SystemRoot 'System32\whoami.exe') '/upn'
    if ($answer.Number -ne 0) { return '' }
    return $answer.Output.Trim()
}

# Gives Verdict (Compliant, Remediate, RetryLater, NeedsPerson), Detail, and Reply, which is what DeskPair has said.
function Invoke-DeskPair([string] $Options) {
    if (-not (Test-Path -LiteralPath $DeskPair -PathType Leaf)) {
        return @{ Verdict = 'NeedsPerson'; Detail = 'DeskPair is not installed'; Reply = $null }
    }
    $user = Get-PingOneUser
    if ($user -notmatch '^[^\s"\\-][^\s"\\]*$') {
        return @{ Verdict = 'NeedsPerson'; Detail = "no PingOne user for this session (from $UserFrom)"; Reply = $null }
    }
    $answer = Invoke-Program $DeskPair "pair desktop --user `"$user`" --output json --non-interactive $Options"
    $number = $answer.Number
    $reply = $null
    if ($answer.Output.StartsWith('{')) { $reply = $answer.Output | ConvertFrom-Json }
    $detail = "$number"
    if ($reply -and -not $reply.ok) { $detail = "$number $($reply.error.code) $($reply.error.correlationId)".Trim() }
    if ($number -eq $Compliant) { $verdict = 'Compliant' }
    elseif ($RetryLater -contains $number) { $verdict = 'RetryLater' }
    else { $verdict = 'NeedsPerson' }
    return @{ Verdict = $verdict; Detail = $detail; Reply = $reply }
}

# One line per run, for whoever looks into it later. What cannot be written stops nothing.
function Write-Line([string] $Line) {
    try {
        $folder = Join-Path $env:LOCALAPPDATA 'DeskPair\Logs'
        $file = Join-Path $folder 'fleet.log'
        $null = New-Item -ItemType Directory -Path $folder -Force
        if ((Test-Path -LiteralPath $file) -and (Get-Item -LiteralPath $file).Length -gt 262144) {
            Move-Item -LiteralPath $file -Destination "$file.old" -Force
        }
        $time = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
        Add-Content -LiteralPath $file -Value "$time $Line" -Encoding UTF8
    }
    catch { return }
}
# ---- The same in all four scripts: up to here. ----

try {
    $found = Invoke-DeskPair ''
    if ($found.Verdict -eq 'Compliant') {
        if ($found.Reply.changed) { $found.Detail = 'paired now' } else { $found.Detail = 'paired already' }
    }
}
catch { $found = @{ Verdict = 'NeedsPerson'; Detail = "the script failed: $($_.Exception.GetType().Name)" } }
Write-Line "pair $($found.Verdict) $($found.Detail)"
Write-Output "$($found.Verdict): $($found.Detail)"

switch ($found.Verdict) {
    'Compliant' { exit 0 }
    'RetryLater' { exit 75 }
    default { exit 2 }
}
