@echo off
rem From a fresh copy to clips on the screen, as scripts/demo does: sets up an environment and runs gdviz demo.
rem Arguments go to it: scripts\demo.cmd FOLDER. May be called from any folder, and again.
setlocal

for %%I in ("%~dp0..") do set "root=%%~fI"
set "venv=%root%\.venv"
if defined GDVIZ_VENV set "venv=%GDVIZ_VENV%"
set "python=%venv%\Scripts\python.exe"
set "stamp=%venv%\gdviz.cmd.toml"

"%python%" -c "import sys, pip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && goto install

rem A name may be on PATH and still not run, as the placeholder of the Windows store, so each is tried.
set "base="
if defined PYTHON call :try "%PYTHON%"
call :try py -3
call :try python
call :try python3
if not defined base (
    echo gdviz needs Python 3.11 or newer, and none was found: install one from python.org, or name it in PYTHON 1>&2
    exit /b 1
)
echo.
echo == Making the environment "%venv%"
rem A broken environment is made anew; a folder that is something else is never emptied.
set "clear="
if exist "%venv%\pyvenv.cfg" set "clear=--clear"
call %base% -m venv %clear% "%venv%"
if errorlevel 1 exit /b 1

:install
rem The copy of pyproject.toml beside the environment tells what was installed, and from which folder.
(type "%root%\pyproject.toml" & echo # installed from "%root%") >"%stamp%.new"
fc /b "%stamp%.new" "%stamp%" >nul 2>nul && goto demo
echo.
echo == Installing gdviz
"%python%" -m pip install --quiet --editable "%root%"
if errorlevel 1 exit /b 1
move /y "%stamp%.new" "%stamp%" >nul

:demo
if exist "%stamp%.new" del "%stamp%.new"
echo.
echo == gdviz demo
"%python%" -m gdviz demo %*
exit /b %errorlevel%

:try
rem Keeps the first interpreter that starts, is new enough and can make environments.
if defined base exit /b 0
call %* -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 set "base=%*"
exit /b 0
